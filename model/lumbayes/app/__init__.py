"""The app: pages that ask and show, and the server that carries them."""
