"""A tenant in a box: Entra ID, Graph, ARM, Log Analytics, Teams and Event Grid on loopback. Never deployed."""

from sandbox.faults import Fault, parse_fault
from sandbox.loading import load_tenant
from sandbox.server import Sandbox
from sandbox.serving import serve
from sandbox.tenant import Tenant

__all__ = ["Fault", "Sandbox", "Tenant", "load_tenant", "parse_fault", "serve"]
