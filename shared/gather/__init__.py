"""Reading a tenant with the Azure SDKs: the only place that knows what Azure's answers look like."""
