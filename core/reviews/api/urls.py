from rest_framework.routers import SimpleRouter

from core.reviews.api import views

router = SimpleRouter()
router.register("campaigns", views.CampaignViewSet, basename="campaign")
router.register("lines", views.LineViewSet, basename="line")

urlpatterns = router.urls
