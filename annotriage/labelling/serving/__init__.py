"""A server that predicts: Label Studio's ML backend, and a plain REST API. No Qt, no torch."""
