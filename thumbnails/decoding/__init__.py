"""Rendering in processes of their own: the bytes are hostile, and the decoders are written in C."""
