"""What everything that speaks HTTP needs: limits on bodies and connections, one choice of proxy."""
