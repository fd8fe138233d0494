"""The models that are asked in this installation: how long they live, and who has set them."""

from collections.abc import Iterator

from igny8_core.ai import catalogue
from igny8_core.ai.registry import get_function_instance, list_functions
from igny8_core.ai.settings import MODEL_CONFIG
from igny8_core.cli.finding import Finding
from igny8_core.system.models import ImageSettings, IntegrationSettings
from igny8_core.system.schemas import DEFAULT_IMAGE_MODELS, ImageConfig, IntegrationConfig


def models_in_use() -> Iterator[Finding]:
    """One finding per model: our defaults', and what accounts have set."""
    accounts = _accounts_by_model()
    for name in sorted({*_defaults(), *accounts}):
        yield _model(name, len(accounts.get(name, ())))


def _defaults() -> set[str]:
    return {
        *(config["model"] for config in MODEL_CONFIG.values()),
        *DEFAULT_IMAGE_MODELS.values(),
        *filter(None, (get_function_instance(name).get_model() for name in list_functions())),
    }


def _accounts_by_model() -> dict[str, set[int]]:
    """The accounts that have set a model, switched off integrations left out."""
    accounts: dict[str, set[int]] = {}
    active = IntegrationSettings.unscoped.filter(is_active=True)
    for account, config in active.values_list("account", "config"):
        for model in _named(config):
            accounts.setdefault(model, set()).add(account)
    for account, config in ImageSettings.unscoped.values_list("account", "config"):
        pictures = ImageConfig.model_validate(config)
        second = pictures.fallback.model if pictures.fallback else ""
        for model in filter(None, (pictures.model, second)):
            accounts.setdefault(model, set()).add(account)
    return accounts


def _named(config: dict[str, object]) -> Iterator[str]:
    """The models that an integration's options name, the second choice among them."""
    options = IntegrationConfig.model_validate(config)
    for each in (options, options.fallback, *options.functions.values()):
        if each and each.model:
            yield each.model
    if options.embedding_model:
        yield options.embedding_model


def _model(name: str, accounts: int) -> Finding:
    """One model: how long it lives, who follows it, who asks it, whether its price is known."""
    users = _users(name, accounts)
    known = catalogue.find(name)
    if known is None:
        state = f"{name}{users}: not in the catalogue; its calls count as unpriced"
        return Finding("model", state)
    answering = catalogue.find(catalogue.living(name)[0]) or known
    state = f"{name}{users}{_life(known)}"
    if known.successor:
        follower = answering if answering is not known else catalogue.find(known.successor)
        state += f", {follower.id if follower else known.successor} follows"
    if answering.price_on(catalogue.today()) is None:
        state += _unpriced(answering)
    if answering.status_on(catalogue.today()) == "retired":
        return Finding("model", state, "Nothing takes its place: choose another model.")
    return Finding("model", state, is_warning=bool(catalogue.notice_of(name)))


def _unpriced(model: catalogue.Model) -> str:
    if model.provider == "runware":
        return "; its answers name their cost, no quote can"
    return f"; no price of {model.id} is known, its calls count as unpriced"


def _life(model: catalogue.Model) -> str:
    if model.shutdown is None:
        return ""
    days = model.days_left(catalogue.today())
    if not days:
        return f": ended on {model.shutdown}"
    return f": ends on {model.shutdown}, in {days} day{'' if days == 1 else 's'}"


def _users(name: str, accounts: int) -> str:
    told = ["a default"] if name in _defaults() else []
    if accounts:
        told.append(f"set by {accounts} account{'' if accounts == 1 else 's'}")
    return f" ({', '.join(told)})" if told else ""
