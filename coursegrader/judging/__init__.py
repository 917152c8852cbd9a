"""What is evidence worth, and in which words is it told?

Pure: plain data in, plain data out; no process is started here.
"""
