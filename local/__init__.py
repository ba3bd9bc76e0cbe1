"""The local stage: the genuine engine, a provider in front of an emulator, and its command."""
