"""The routes of version 1. Each room registers its own on the router of its module."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from igny8_core.api import auth, billing, planner, runs, sites, system, team, writer

router = SimpleRouter()
router.register("auth/tokens", auth.TokenViewSet, basename="token")
router.register("team/members", team.MemberViewSet, basename="member")
router.register("team/invites", team.InviteViewSet, basename="invite")
router.register("sites", sites.SiteViewSet, basename="site")
router.register("billing/transactions", billing.TransactionViewSet, basename="transaction")

runs_router = SimpleRouter(use_regex_path=False)
runs_router.register("ai/tasks", runs.RunViewSet, basename="run")

progress = "system/settings/task_progress/<uuid:task_id>/"
integration = "system/integrations/<str:integration_type>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/register/", auth.RegisterView.as_view()),
    path("auth/login/", auth.LoginView.as_view()),
    path("auth/logout/", auth.LogoutView.as_view()),
    path("auth/me/", auth.MeView.as_view()),
    path("team/invites/accept/", team.AcceptView.as_view()),
    path("system/prompts/<str:prompt_type>/", system.PromptView.as_view()),
    path(integration, system.IntegrationView.as_view()),
    path(f"{integration}test/", system.IntegrationTestView.as_view()),
    path("system/settings/images/", system.ImageSettingsView.as_view()),
    path(progress, runs.ProgressView.as_view()),
    path(f"{progress}cancel/", runs.CancelView.as_view()),
    path("ai/models/", runs.CatalogueView.as_view()),
    path("ai/functions/", runs.FunctionsView.as_view()),
    path("ai/functions/<str:name>/run/", runs.RunFunctionView.as_view()),
    path("billing/balance/", billing.BalanceView.as_view()),
    path("billing/ceilings/", billing.CeilingsView.as_view()),
    path("billing/usage/", billing.UsageView.as_view()),
    path("", include(router.urls)),
    path("", include(runs_router.urls)),
    path("planner/", include(planner.router.urls)),
    path("writer/", include(writer.router.urls)),
]
