"""The review of high-value orders: a durable function waits until a person has decided."""
