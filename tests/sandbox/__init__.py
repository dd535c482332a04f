"""Tests of the stand-ins: they must act like the services they stand in for."""
