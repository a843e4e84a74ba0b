from rest_framework.routers import SimpleRouter

from core.webhooks.api import views

router = SimpleRouter()
router.register("endpoints", views.EndpointViewSet, basename="endpoint")
router.register("deliveries", views.DeliveryViewSet, basename="delivery")

urlpatterns = router.urls
