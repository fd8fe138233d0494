"""Countries and languages by their English names, as people write them into tables.

Those that keyword tools have databases for; all others are known by their codes alone.
"""


def _by_name(table: str) -> dict[str, str]:
    """Code by name, of lines such as `US united states, usa`."""
    codes: dict[str, str] = {}
    for line in table.strip().splitlines():
        code, _, names = line.strip().partition(" ")
        codes |= {name.strip(): code for name in names.split(",")}
    return codes


COUNTRY_NAMES = _by_name(
    """
    AE united arab emirates, uae
    AR argentina
    AT austria
    AU australia
    BE belgium
    BR brazil
    CA canada
    CH switzerland
    CL chile
    CN china
    CO colombia
    CZ czech republic, czechia
    DE germany
    DK denmark
    EG egypt
    ES spain
    FI finland
    FR france
    GB united kingdom, great britain, england, uk
    GR greece
    HK hong kong
    HU hungary
    ID indonesia
    IE ireland
    IL israel
    IN india
    IT italy
    JP japan
    KE kenya
    KR south korea
    MX mexico
    MY malaysia
    NG nigeria
    NL netherlands, the netherlands
    NO norway
    NZ new zealand
    PE peru
    PH philippines
    PK pakistan
    PL poland
    PT portugal
    RO romania
    SA saudi arabia
    SE sweden
    SG singapore
    TH thailand
    TR turkey, türkiye
    TW taiwan
    UA ukraine
    US united states, united states of america, usa, u.s.
    VN vietnam
    ZA south africa
    """
)
LANGUAGE_NAMES = _by_name(
    """
    ar arabic
    cs czech
    da danish
    de german
    el greek
    en english
    es spanish
    fi finnish
    fr french
    he hebrew
    hi hindi
    hu hungarian
    id indonesian
    it italian
    ja japanese
    ko korean
    nb norwegian
    nl dutch
    pl polish
    pt portuguese
    ro romanian
    ru russian
    sv swedish
    th thai
    tr turkish
    uk ukrainian
    vi vietnamese
    zh chinese
    """
)
