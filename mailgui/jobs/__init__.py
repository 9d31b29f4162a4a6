"""One function for each thing a person can ask for; window and command line both call these."""
