"""Jalin: the training bot of the TikTok Jalin Nusantara programme."""
