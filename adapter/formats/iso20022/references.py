"""References of ISO 20022: how long one may be, and what stands where there is none."""

REFERENCE_LENGTH = 35
NOT_PROVIDED = "NOTPROVIDED"
