"""The tenant in a box, tried through real TLS with httpx and the real SDKs."""
