"""What Search Console, Keyword Planner and people call the same columns in other languages.

Search Console and Keyword Planner write their headers in the language of the account.
"""

from igny8_core.planner.intake.folding import fold

_NAMES: dict[str, tuple[str, ...]] = {
    "top queries": (
        "häufigste suchanfragen", "requêtes les plus fréquentes", "consultas principales",
        "principales consultas", "query principali", "query più frequenti", "principais consultas",
        "populairste zoekopdrachten", "meest uitgevoerde zoekopdrachten",
        "najpopularniejsze zapytania", "najczęstsze zapytania", "nejčastější dotazy",
        "en popüler sorgular", "en çok yapılan sorgular", "vanligaste sökfrågorna",
        "популярные запросы", "поисковый запрос", "上位のクエリ", "인기 검색어", "热门查询",
        "熱門查詢",
    ),
    "clicks": (
        "klicks", "clics", "clic", "cliques", "klikken", "kliknięcia", "kliknutí", "tıklama",
        "tıklamalar", "klick", "клики", "クリック数", "클릭수", "点击次数", "點擊",
    ),
    "impressions": (
        "impressionen", "impresiones", "impressioni", "impressões", "vertoningen", "wyświetlenia",
        "zobrazení", "görüntüleme", "gösterimler", "visningar", "показы", "表示回数", "노출수",
        "展示次数", "曝光",
    ),
    "ctr": ("klickrate", "klickfrekvens", "taux de clics", "클릭률", "点击率", "點閱率"),
    "position": (
        "durchschnittliche position", "position moyenne", "posición", "posición media",
        "posizione", "posizione media", "posição", "posição média", "positie",
        "gemiddelde positie", "pozycja", "średnia pozycja", "průměrná pozice", "konum",
        "ortalama konum", "genomsnittlig position", "позиция", "средняя позиция", "掲載順位",
        "평균 게재순위", "平均排名", "排名",
    ),
    "keyword": (
        "suchbegriff", "schlüsselwort", "keyword-idee", "palabra clave", "palabras clave",
        "mot clé", "mot-clé", "mots clés", "parola chiave", "palavra-chave", "zoekwoord",
        "zoekterm", "słowo kluczowe", "klíčové slovo", "anahtar kelime", "sökord",
        "ключевое слово", "キーワード", "키워드", "关键字", "关键词",
    ),
    "query": ("suchanfrage", "suchanfragen", "requête", "requêtes", "consulta", "consultas"),
    "avg. monthly searches": (
        "durchschnittl. suchanfragen pro monat", "durchschn. suchanfragen pro monat",
        "durchschnittliche suchanfragen pro monat", "promedio de búsquedas mensuales",
        "recherches mensuelles moyennes", "nombre moyen de recherches mensuelles",
        "ricerche mensili medie", "media ricerche mensili", "média de pesquisas mensais",
        "gem. maandelijkse zoekopdrachten", "średnia miesięczna liczba wyszukiwań",
    ),
    "search volume": (
        "suchvolumen", "volumen", "volumen de búsqueda", "volumen de búsquedas",
        "volume de recherche", "volume di ricerca", "volume de busca", "volume de pesquisa",
        "zoekvolume", "liczba wyszukiwań",
    ),
    "currency": ("währung", "moneda", "devise", "valuta", "moeda", "waluta"),
    "competition": (
        "wettbewerb", "competencia", "concurrence", "concorrenza", "concorrência", "concurrentie",
    ),
    "competition (indexed value)": (
        "wettbewerb (indexierter wert)", "competencia (valor indexado)",
        "concurrence (valeur indexée)", "concorrenza (valore indicizzato)",
        "concorrência (valor indexado)",
    ),
    "country": ("land", "país", "pays", "paese", "kraj"),
    "language": ("sprache", "idioma", "langue", "lingua", "taal"),
    "difficulty": ("schwierigkeit", "dificultad", "difficulté", "difficoltà", "dificuldade"),
    "intent": ("suchintention", "intención", "intention", "intento", "intenção"),
}  # fmt: skip

#: The English name of each.
ENGLISH = {fold(name): english for english, names in _NAMES.items() for name in names}
