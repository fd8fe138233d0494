"""Every error has the contract's shape, whichever layer it comes from."""

from tests.world import error


def test_an_unknown_address_is_a_404_in_shape(nobody):
    response = nobody.get("nothing/here/")
    assert response.status_code == 404
    assert error(response) == {"code": "not_found", "detail": "Not found.", "attr": None}
    assert response["Cache-Control"] == "private, no-store"
