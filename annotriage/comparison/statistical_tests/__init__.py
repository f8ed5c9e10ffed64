"""Statistical tests, a file each: what it computes, asks and says, and the checks of what it takes for granted."""
