"""Networks: subnets, ways out, security groups, endpoints."""
