"""What one call is expected to take: tokens by a rule of thumb, USD by the price of its model."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from igny8_core.ai import catalogue
from igny8_core.ai.cost import Usage, cost_of
from igny8_core.ai.requests import AIRequest

#: ASCII characters of a prompt per token, in texts as ours; the provider's usage is what counts.
_CHARS_PER_TOKEN = 4
#: The share of its output limit that an answer commonly takes.
_EXPECTED_SHARE = Decimal("0.4")
#: Tokens that stand around a message, or begin the answer: OpenAI's own counting takes 3 or 4.
_FRAME = 16


@dataclass(frozen=True, slots=True)
class Expectation:
    """Tokens of one call, and USD as a rule and at most; None where nobody can tell."""

    tokens_input: int
    tokens_output: int | None
    tokens_output_max: int | None
    cost: Decimal | None
    cost_max: Decimal | None

    @property
    def tokens(self) -> int | None:
        """Input and output together, as a rule."""
        return None if self.tokens_output is None else self.tokens_input + self.tokens_output


def expectation_of(request: AIRequest) -> Expectation:
    """What a request is expected to take, if it is answered at the first try."""
    sent, (usual, most) = tokens_in(request), _received(request)
    return Expectation(
        tokens_input=sent,
        tokens_output=usual,
        tokens_output_max=most,
        cost=_cost(request, sent, usual),
        cost_max=highest_cost(request),
    )


def highest_cost(request: AIRequest) -> Decimal | None:
    """USD that a call will not exceed, None where no price is known.

    No text has more tokens than bytes, and no answer more than were allowed; that the question is
    written into the provider's cache may be dearer than that it is not.
    """
    sent, most = _bytes_sent(request), _received(request)[1]
    costs = (_cost(request, sent, most, written) for written in (0, sent))
    return max((cost for cost in costs if cost is not None), default=None)


def _bytes_sent(request: AIRequest) -> int:
    """All that a model is given to read: the conversation, what frames it, the answer's schema."""
    told = sum(len(content.encode()) + _FRAME for content in request.contents)
    if request.picture or request.texts:
        return told
    return told + (request.shape.size if request.shape else 0) + _FRAME


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where one of them is unknown."""
    known = list(amounts)
    return None if None in known else sum((one for one in known if one is not None), Decimal())


def _cost(request: AIRequest, sent: int, received: int | None, written: int = 0) -> Decimal | None:
    """USD for so many tokens; where those of a picture are unknown, it may have a price itself."""
    size = request.picture.size if request.picture else ""
    usage = Usage(sent, received or 0, cache_write=written)
    cost = cost_of(request.model, usage, size=size)
    is_by_picture = any(part.name == "picture" for part in cost.parts)
    return cost.total if received is not None or is_by_picture else None


def tokens_in(request: AIRequest) -> int:
    """About as many tokens as the question has.

    Beyond ASCII half a token for each byte of a character's UTF-8 but the first: a Chinese one
    counts as one token, a Greek letter as half of one.
    """
    text = "".join(request.contents)
    plain = len(text.encode("ascii", "ignore"))
    beyond = len(text.encode()) - len(text)
    return -(-plain // _CHARS_PER_TOKEN) + -(-beyond // 2)


def _received(request: AIRequest) -> tuple[int | None, int | None]:
    """Tokens of the answer, as a rule and at most; None where a picture's are not known."""
    if request.texts:
        return 0, 0
    if request.picture is None:
        return int(request.max_tokens * _EXPECTED_SHARE), request.max_tokens
    return catalogue.picture_tokens(request.model, request.picture.size) or (None, None)
