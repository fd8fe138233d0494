"""The writer's routes."""

from rest_framework.routers import SimpleRouter

router = SimpleRouter()
