"""The statistics panel: finished runs compared, each figure with the sentence that says what it shows."""
