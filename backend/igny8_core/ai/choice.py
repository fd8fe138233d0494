"""Of whom a run's questions are asked: the account's first choice, or from some moment its second.

What a second choice may answer is said in `second`; here one takes the other's place.
"""

from collections.abc import Iterable
from typing import Any

from igny8_core.ai import second
from igny8_core.ai.ai_core import AICore, CallPlan
from igny8_core.ai.calls import Calls
from igny8_core.ai.desk import Desk
from igny8_core.ai.failures import Kind
from igny8_core.ai.models import ProviderCall
from igny8_core.ai.requests import AIRequest


class Choice:
    """The plan by which all requests of a run are made; None where it asks no provider."""

    def __init__(self, desk: Desk, calls: Calls) -> None:
        self.desk = desk
        self.calls = calls
        self.plan: CallPlan | None = None
        self._core = AICore(desk.run.account)
        #: What is asked where the plan's provider cannot answer, until it is.
        self._second: CallPlan | None = None

    def first(self) -> CallPlan | None:
        """The account's first choice; None where the function asks no provider."""
        function = self.desk.function
        return None if function.is_free(self.desk.run.payload) else self._core.plan(function)

    def begin(self, first: CallPlan, calls: Iterable[ProviderCall]) -> None:
        """Begin with the first choice, or with the second that an earlier claim had turned to."""
        self._second = self._core.second(first)
        if self._second and second.was_asked(self._second, calls):
            first, self._second = self._second, None
        self._use(first)

    def turn(self, kind: Kind) -> bool:
        """Turn to the second choice after a failure of this kind; whether there is one."""
        if self.desk.ended_by or self._second is None or self.plan is None:
            return False
        first, plan, self._second = self.plan, self._second, None
        run, tracker = self.desk.run, self.desk.tracker
        step = tracker.steps.begin("request", "Second choice")
        tracker.steps.end(step, message=second.told(first, plan, kind))
        self._use(plan)
        tracker.commit(lambda: None, provider=run.provider, model=run.model)
        return True

    def request(self, prompt: Any) -> AIRequest:
        """The first request for a prompt."""
        assert self.plan is not None
        run = self.desk.run
        return self._core.request(self.desk.function, prompt, self.plan, task_id=run.pk)

    def _use(self, plan: CallPlan) -> None:
        self.plan = plan
        self.calls.connect(plan.endpoint)
        self.desk.run.provider, self.desk.run.model = plan.endpoint.shown_as, plan.model
