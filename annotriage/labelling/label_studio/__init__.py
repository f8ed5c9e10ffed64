"""The conversation with a Label Studio server: what is sent, what comes back, and what stands in the way."""
