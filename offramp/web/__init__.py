"""The workbench: a server on this machine alone, and the page that it serves.

Like the command line it talks to the library by its front door. What it adds is a guard before
every request (`guard`), the worlds as one small file (`worlds`), and addresses (`app`).
"""
