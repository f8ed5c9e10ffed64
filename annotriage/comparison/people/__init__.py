"""People, seen fairly: who agrees with whom, and who draws otherwise, corrected for the images that each was given."""
