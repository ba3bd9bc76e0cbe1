"""Events and messages: buses, queues and the mappings that read them."""
