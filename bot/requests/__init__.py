"""What every request passes before it is promised: the gate, and approvals."""
