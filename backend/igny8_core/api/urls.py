"""The routes of version 1. Each room registers its own on the router of its module."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from igny8_core.api import auth, planner, sites, team, writer

router = SimpleRouter()
router.register("auth/tokens", auth.TokenViewSet, basename="token")
router.register("team/members", team.MemberViewSet, basename="member")
router.register("team/invites", team.InviteViewSet, basename="invite")
router.register("sites", sites.SiteViewSet, basename="site")

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/register/", auth.RegisterView.as_view()),
    path("auth/login/", auth.LoginView.as_view()),
    path("auth/logout/", auth.LogoutView.as_view()),
    path("auth/me/", auth.MeView.as_view()),
    path("team/invites/accept/", team.AcceptView.as_view()),
    path("", include(router.urls)),
    path("planner/", include(planner.router.urls)),
    path("writer/", include(writer.router.urls)),
]
