"""How is a kernel started, warm and locked up?"""
