from django.urls import path

from core.scim.api import discovery
from core.scim.api.resources import GROUPS, PEOPLE, collection, search, thing
from core.scim.web import views

PAGES = "organisations/<slug:organisation>/directory/"

app_name = "scim"
urlpatterns = [
    path("scim/v2/ServiceProviderConfig", discovery.config, name="config"),
    path("scim/v2/Schemas", discovery.all_schemas, name="schemas"),
    path("scim/v2/Schemas/<str:pk>", discovery.one_schema, name="schema"),
    path("scim/v2/ResourceTypes", discovery.resource_types, name="resource_types"),
    path("scim/v2/ResourceTypes/<str:pk>", discovery.one_resource_type, name="resource_type"),
    path("scim/v2/Users", collection(PEOPLE), name="users"),
    path("scim/v2/.search", discovery.search, name="search"),
    path("scim/v2/Users/.search", search(PEOPLE), name="search_users"),
    path("scim/v2/Groups/.search", search(GROUPS), name="search_groups"),
    path("scim/v2/Users/<str:pk>", thing(PEOPLE), name="user"),
    path("scim/v2/Groups", collection(GROUPS), name="groups"),
    path("scim/v2/Groups/<str:pk>", thing(GROUPS), name="group"),
    path("scim/v2/<path:rest>", discovery.nothing, name="nothing"),
    path(PAGES, views.overview, name="overview"),
    path(f"{PAGES}tokens/new/", views.create_token, name="create_token"),
    path(f"{PAGES}tokens/<uuid:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path(f"{PAGES}rules/new/", views.add_rule, name="add_rule"),
    path(f"{PAGES}rules/<uuid:pk>/remove/", views.remove_rule, name="remove_rule"),
]
