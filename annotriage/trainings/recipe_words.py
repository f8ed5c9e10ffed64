"""Networks and weights, in words."""


def weights_words(state: str) -> str:
    """Write where ImageNet weights stand."""
    return {
        "present": "ImageNet weights are here",
        "download": "ImageNet weights will be downloaded",
        "unreachable": "ImageNet weights are not here and cannot be downloaded",
        "none": "starts from random weights",
    }.get(state, "")


def runs_words(models: int, runs: int) -> str:
    """Write how many trainings there are."""
    if models * runs == 1:
        return "One run"
    if models == 1:
        return f"{runs} runs"
    return f"{models * runs} runs ({models} networks × {runs})"
