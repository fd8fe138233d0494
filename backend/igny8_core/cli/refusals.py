"""What waitress refuses before Django sees it (broken headers, broken chunks), in our own shape."""

import json
from http import HTTPStatus

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask


class Refusal(ErrorTask):
    """An error answer with the API's body instead of waitress's plain text."""

    def execute(self) -> None:
        """Write it and close: what follows on the line cannot be told apart from the rest."""
        status, body = _answer(self.request.error.code, self.request.error.body)
        self.status = f"{status} {HTTPStatus(status).phrase}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)  # type: ignore[assignment] # untyped: begins as None
        self.write(body)  # type: ignore[no-untyped-call]


class Channel(HTTPChannel):
    """A connection that refuses in our shape."""

    error_task_class = Refusal


def _answer(status: int, detail: str) -> tuple[int, bytes]:
    """Status and body; an encoding that waitress does not know (501) is the client's mistake."""
    if status == 501:
        status = 400
    kind = "validation_error" if status == 400 else "client_error"
    problem = {"code": "bad_request", "detail": f"{detail.rstrip('.')}.", "attr": None}
    if status >= 500:
        kind, problem["code"] = "server_error", "server_error"
    return status, json.dumps({"type": kind, "errors": [problem]}).encode()
