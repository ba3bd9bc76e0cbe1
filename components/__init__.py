"""The AWS serverless toolkit as Pulumi components."""
