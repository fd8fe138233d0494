"""What our own share of the work costs, each figure beside what it is compared with."""
