"""Where an account may have its provider calls sent to."""

import pytest

from igny8_core.core.errors import InvalidPayload
from igny8_core.system.origins import check_base_url, origin_of


@pytest.mark.parametrize(
    "url",
    [
        "http://api.openai.com/v1",
        "https://api.openai.com:8443/v1",
        "https://api.openai.com.evil.example/v1",
        "https://api.openai.com@evil.example/v1",
        "https://evil.example#api.openai.com",
        "https://evil.example\\@api.openai.com",
        "http://127.0.0.1:8000/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "file:///etc/passwd",
        "//api.openai.com",
        "api.openai.com",
        "https://api.openai.com:99999/",
        "https://[bad",
        "https://gateway.example:444/v1",
        "http://gateway.example/v1",
        "https://\u0430pi.openai.com/v1",
    ],
)
def test_keys_go_to_named_origins_only(url, settings):
    settings.IGNY8_PROVIDER_HOSTS = ["gateway.example"]
    with pytest.raises(InvalidPayload) as refused:
        check_base_url(url)
    assert refused.value.attr == "base_url"


def test_the_operator_s_origins_are_allowed_loopback_included(settings):
    settings.IGNY8_PROVIDER_HOSTS = ["gateway.example", "http://10.0.0.5:9000"]
    settings.OPENAI_BASE_URL = "http://127.0.0.1:8123/v1"
    for url in (
        "https://gateway.example/any/path",
        "https://GATEWAY.example:443",
        "http://10.0.0.5:9000/v1",
        "http://127.0.0.1:8123/other",
        "https://api.runware.ai/v1",
    ):
        assert check_base_url(url) == url
    assert origin_of("https://Host.example./x") == "https://host.example:443"
