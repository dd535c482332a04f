"""The stand-in for PowerPost, held against its specification sentence by sentence."""
