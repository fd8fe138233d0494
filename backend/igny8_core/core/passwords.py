"""The rules a new password must meet."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from igny8_core.core.errors import InvalidFields, InvalidPayload
from igny8_core.core.models import User, fold_email


def new_user(email: str, password: str) -> User:
    """A user, not saved yet, with this password; raises InvalidFields on `password`.

    Hashing takes long by design, so it happens here and not in the caller's transaction.
    """
    user = User(email=fold_email(email))
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidFields([_invalid(each) for each in error.error_list]) from error
    user.set_password(password)
    return user


def _invalid(error: ValidationError) -> InvalidPayload:
    return InvalidPayload(" ".join(error.messages), code=error.code, attr="password")
