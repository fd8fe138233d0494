"""`igny8 credits`: give an account credits, or prove that the ledger adds up."""

import argparse
import secrets

import django

from igny8_core.core.errors import InvalidPayload


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`grant ACCOUNT N` and `reconcile`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    grant = actions.add_parser("grant", help="give an account credits; a negative N takes them")
    grant.add_argument("account", metavar="ACCOUNT", help="its id, its name, or an owner's e-mail")
    grant.add_argument("amount", metavar="N", type=int, help="whole credits")
    actions.add_parser("reconcile", help="prove the ledger; exit 1 on any difference")


def run(options: argparse.Namespace) -> int:
    """Carry out the action."""
    django.setup()
    if options.action == "reconcile":
        return _reconcile()
    _grant(options.account, options.amount)
    return 0


def _reconcile() -> int:
    from igny8_core.ai import costbooks
    from igny8_core.ai.books import reconcile
    from igny8_core.billing.models import CreditEntry

    differences = [*reconcile(), *costbooks.differences()]
    for difference in differences:
        print(difference)
    if not differences:
        print(f"ledger exact: {CreditEntry.unscoped.count()} entries")
    return int(bool(differences))


def _grant(name: str, amount: int) -> None:
    from igny8_core.billing import ledger
    from igny8_core.cli.accounts import find_account

    if not amount or abs(amount) > 10**12:
        raise InvalidPayload("N is a whole number of credits, neither 0 nor beyond 10^12.")
    account = find_account(name)
    ledger.grant(account, amount, key=f"grant:cli:{secrets.token_hex(8)}")
    print(
        f"{account.name} (account {account.pk}): {amount:+d}, now {ledger.balance(account).credits}"
    )
