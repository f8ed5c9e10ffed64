"""What each person drew, in numbers: masks, pairs of masks, and with which tool and when where it is said."""
