"""The real program in a real window: started under Xvfb, driven by real keys."""
