"""The conversation with annotation tools: send, fetch, serve, watch. No Qt, no torch."""
