"""Django's settings. Everything an operator may change comes from the table in ``env.py``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from core import logs
from core.config import env, services
from core.config.places import Place

ROOT = Path(__file__).resolve().parents[2]
ENV = env.load(os.environ)

DEBUG = ENV["DEBUG"]
DEMO = ENV["DEMO"]
SECRET_KEY = ENV["SECRET_KEY"]
VAULT_KEY = ENV["VAULT_KEY"]
VAULT_OLD_KEYS = ENV["VAULT_OLD_KEYS"]
PKCS11_KEY: str = ENV["PKCS11_KEY"]
PKCS11_MODULE: str = ENV["PKCS11_MODULE"]
PKCS11_TOKEN: str = ENV["PKCS11_TOKEN"]
PKCS11_PIN: str = ENV["PKCS11_PIN"]
AUDIT_KEY = ENV["AUDIT_KEY"]
AUDIT_OLD_KEYS: list[str] = ENV["AUDIT_OLD_KEYS"]
SECRET_NAMES = [setting.name for setting in env.SETTINGS if setting.secret]
AUDIT_KEEP_DAYS: int = ENV["AUDIT_KEEP_DAYS"]
AUDIT_KEEP_REASON: str = ENV["AUDIT_KEEP_REASON"]
AUDIT_ANCHOR_DIR: Path | None = ENV["AUDIT_ANCHOR_DIR"]
AUDIT_ANCHOR_MAIL: str = ENV["AUDIT_ANCHOR_MAIL"]
AUDIT_SYSLOG: str = ENV["AUDIT_SYSLOG"]
AUDIT_SYSLOG_CA: str = ENV["AUDIT_SYSLOG_CA"]
OUTGOING_HOSTS: list[str] = ENV["OUTGOING_HOSTS"]
OUTGOING_CA: str = ENV["OUTGOING_CA"]
PRESCRIPTIONS_TAGGER: str = ENV["PRESCRIPTIONS_TAGGER"]
OLLAMA_URL: str = ENV["OLLAMA_URL"]
OLLAMA_MODEL: str = ENV["OLLAMA_MODEL"]
OTEL_ENDPOINT = ENV["OTEL_ENDPOINT"]
METRICS_TOKEN = ENV["METRICS_TOKEN"]
ANALYSIS_SECONDS = ENV["ANALYSIS_SECONDS"]
MASK_BELOW = ENV["MASK_BELOW"]
MASK_FOR_EVERYBODY = ENV["MASK_FOR_EVERYBODY"]
EMERGENCY_HOURS: int = ENV["EMERGENCY_HOURS"]
BACKUP_FOLDERS: list[Path] = ENV["BACKUP_FOLDERS"]
BACKUP_PLACES: dict[str, Place] = ENV["BACKUP_PLACES_FILE"] or {}
DATA_DIR: Path = ENV["DATA_DIR"]
PUBLIC_URL = ENV["PUBLIC_URL"].rstrip("/")
ALLOWED_HOSTS = ENV["ALLOWED_HOSTS"]
HTTPS = urlsplit(PUBLIC_URL).scheme == "https"

TOOLS = ["ecrf", "backup", "lowcode", "prescriptions", "datahub"]
ROOMS = [
    "core.accounts",
    "core.audit",
    "core.notices",
    "core.access",
    "core.vault",
    "core.files",
    "core.jobs",
    "core.custody",
    "core.storage",
    "core.erasure",
    "core.journal",
    "core.history",
    "core.identity",
    "core.provider",
    "core.scim",
    "core.datasets",
    "core.webhooks",
    "core.reviews",
    "core.api",
    "core.health",
    "core.desk",
    "core.inbox",
    "core.announcements",
    "core.help",
    "core.presence",
    "core.portal",
]
INSTALLED_APPS = [
    *ROOMS,
    *TOOLS,
    "core.config",
    "core.web",
    "core.rest",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "channels",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.web.middleware.NothingInTheClear",
    "core.web.middleware.StaticFiles",
    "core.audit.middleware.RequestContext",
    "core.health.middleware.Requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "core.web.intake.Intake",
    "core.web.rate.Rate",
    "core.accounts.middleware.NothingKept",
    "core.accounts.middleware.UserLanguage",
    "core.announcements.middleware.Closed",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.accounts.farewell.Farewell",
    "core.accounts.middleware.SessionLimits",
    "django_htmx.middleware.HtmxMiddleware",
    "core.portal.middleware.SignInAgain",
    "core.web.errors.Conflicts",
    "core.access.middleware.Refusals",
    "core.access.middleware.SecondFactor",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "core.config.urls"
ASGI_APPLICATION = "core.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "core.portal.context.portal",
            ],
            "builtins": ["core.web.templatetags.web", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "core.web.forms.Renderer"

# Data
DATABASES = {"default": services.database(ENV["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": services.redis(ENV["REDIS_URL"], services.CACHE),
    }
}
CHANNEL_LAYERS = {  # heard at once or not at all: it carries bells, after which the browser asks what has changed
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [services.redis(ENV["REDIS_URL"], services.CHANNELS)]},
    }
}

# Long work
CELERY_BROKER_URL = services.broker(ENV["REDIS_URL"])
CELERY_BROKER_USE_SSL = services.broker_tls(ENV["REDIS_URL"])
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 24 * 3600,
    "socket_timeout": 30,  # without it, who asks a Valkey that doesn't answer waits for ever
    "socket_connect_timeout": 5,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# People
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the address is unique whatever its case, by a constraint
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_LENGTH: int = ENV["PASSWORD_LENGTH"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "core.identity.passwords.LengthValidator"},
    {"NAME": "core.identity.passwords.SequenceValidator"},
    {"NAME": "core.identity.passwords.ContextValidator"},
]
LOGIN_REDIRECT_URL = "desk:start"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "core.identity.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "core.accounts.web.forms.SignInForm",
    "reset_password": "core.accounts.web.forms.ForgottenPasswordForm",
    "add_email": "core.accounts.web.forms.NewAddressForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CHANGE_EMAIL = True  # one address each; another one replaces it once it is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser, on machines that many use
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # however it began
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_REAUTHENTICATION_TIMEOUT = ENV["FRESH_MINUTES"] * 60
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "core.identity.mfa.Adapter"
MFA_FORMS = {
    "add_webauthn": "core.accounts.web.passkeys.NewPasskeyForm",
    "edit_webauthn": "core.accounts.web.passkeys.RenamePasskeyForm",
    "authenticate_webauthn": "core.accounts.web.passkeys.PasskeyForm",
    "login_webauthn": "core.accounts.web.passkeys.SignInPasskeyForm",
    "reauthenticate_webauthn": "core.accounts.web.passkeys.ConfirmPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey opens the account by itself: it asks for its owner
MFA_ALLOW_UNVERIFIED_EMAIL = True  # only to replace the confirmed one, which stays in force until then
MFA_TOTP_ISSUER = "Suite InterHop"
USERSESSIONS_TRACK_ACTIVITY = True  # by our middleware, and only for what somebody does
IDP_OIDC_ADAPTER = "core.provider.adapter.Adapter"
ALLAUTH_TRUSTED_PROXY_COUNT = ENV["TRUSTED_PROXIES"]
SESSION_COOKIE_AGE = ENV["SESSION_IDLE_MINUTES"] * 60  # from its last use; no cookie carries it
SESSION_LONGEST: int = ENV["SESSION_HOURS"] * 3600
SESSIONS_AT_MOST: int = ENV["SESSIONS_AT_MOST"]
COOKIE_PREFIX = "__Host-" if HTTPS else ""
"""Browsers take such a cookie from this very host alone, over TLS, so that no neighbour of the domain plants one."""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "core.web.notes.Storage"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Headers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS  # a browser in the clear is sent on; watchdogs and Prometheus may ask beside the proxy
FOR_PROGRAMS = ("/api/", "/scim/v2/", "/oauth/token", "/oauth/userinfo", "/oauth/revoke", "/oauth/device")
"""Where a program in the clear is refused and not led on, so that somebody notices that it is."""
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", *(f"^{path[1:]}" for path in FOR_PROGRAMS)]
if ENV["TRUSTED_PROXIES"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "core.rest.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["core.rest.filters.Filters"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.rest.parsers.JSONParser"],  # a resource that takes files says so itself
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": "core.rest.metadata.Metadata",
    "DEFAULT_THROTTLE_CLASSES": ["core.rest.limits.Limit"],
    "EXCEPTION_HANDLER": "core.rest.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
RATE_TOKEN: int = ENV["RATE_TOKEN"]
RATE_PERSON: int = ENV["RATE_PERSON"]
RATE_ADDRESS: int = ENV["RATE_ADDRESS"]
REST_KEEPER = "core.api.keeping.Keeper"
SPECTACULAR_SETTINGS = {
    "TITLE": "Suite InterHop",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ColumnLevel": "core.datasets.models.Level",
        "Sensitivity": "core.datasets.models.Sensitivity",
        "AlertKind": "core.journal.models.Kind",
        "ProviderKind": "core.identity.models.IdentityProvider.Kind",
        "DeliveryState": "core.webhooks.models.Delivery.State",
        "JobState": "core.jobs.models.Job.State",
        "CellState": "datahub.api.serializers.CELL_STATES",
        "LineState": "prescriptions.models.Line.State",
        "QueryKind": "ecrf.models.Query.Kind",
        "QueryState": "ecrf.models.Query.State",
        "OfflineKind": "ecrf.models.OfflineFragment.Kind",
        "OfflineState": "ecrf.models.OfflineFragment.State",
        "RandomisationMethod": "ecrf.models.Scheme.Method",
        "LevelEnum": "core.access.models.Role.Level",
        "BackupRunState": "backup.models.Run.State",
        "BackupRunEnd": "backup.api.protocol_forms.ENDS",
        "BackupLineLevel": "backup.api.protocol_forms.LEVELS",
        "BackupAgentState": "backup.api.agent_serializers.STATES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.add_problems",
        "core.api.schema.simplify",
    ],
}

# Language, time, files
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
TIME_ZONE = ENV["TIME_ZONE"]
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "core" / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": {"BACKEND": "core.files.storage.Disk", "OPTIONS": {"location": DATA_DIR / "files"}},
}
FILES_PLACE: str = ENV["FILES_PLACE"]
if ENV["FILES_S3_BUCKET"]:
    STORAGES["files-s3"] = {
        "BACKEND": "core.files.bucket.Bucket",
        "OPTIONS": {
            name: ENV[f"FILES_S3_{name.upper()}"]
            for name in ("bucket", "endpoint", "region", "key", "secret", "addressing", "ca")
        },
    }
FILE_UPLOAD_HANDLERS = ["core.files.uploads.SpoolingHandler"]
DATASETS_MEMORY: int = ENV["DATASETS_MEMORY"]
ERASURE_DAYS: int = ENV["ERASURE_DAYS"]
JOBS_DAYS: int = ENV["JOBS_DAYS"]
QUOTA_PROJECT: int = ENV["QUOTA_PROJECT"]
QUOTA_ORGANISATION: int = ENV["QUOTA_ORGANISATION"]

# Mail and logs
mail = urlsplit(ENV["EMAIL_URL"])
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if mail.hostname else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = mail.hostname or "", mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(mail.username or ""), unquote(mail.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_PORT == 587, EMAIL_PORT == 465
EMAIL_TIMEOUT = 10  # a mail is sent while a page waits
DEFAULT_FROM_EMAIL = ENV["EMAIL_FROM"]
SMS_URL: str = ENV["SMS_URL"]
SMS_TOKEN: str = ENV["SMS_TOKEN"]
SMS_FROM: str = ENV["SMS_FROM"]
CONTACT_EMAIL = ENV["CONTACT_EMAIL"]
SOURCE_URL = ENV["SOURCE_URL"]
LOGGING = logs.config(ENV["LOG_LEVEL"], ENV["LOG_FORMAT"], debug=DEBUG)
