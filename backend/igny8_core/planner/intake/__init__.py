from unicodedata import normalize


def fold(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().split())
