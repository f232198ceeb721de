"""The authorization server: OAuth 2.0 for partners, consents of customers, written as a Flask extension.

This module is the front door; nothing else of the package is imported from outside.
"""

from __future__ import annotations

from oauth.models import metadata
from oauth.ports import CustomerLogin, LoginRefused, LoginRequest, LoginResult
from oauth.scopes import Scope
from oauth.settings import OAuthSettings

__all__ = [
    "CustomerLogin",
    "LoginRefused",
    "LoginRequest",
    "LoginResult",
    "OAuthSettings",
    "Scope",
    "metadata",
]
