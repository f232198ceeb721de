"""The two grants on Authlib's skeleton: authorization code with PKCE, and refresh."""
