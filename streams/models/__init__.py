"""Records that cross a topic, and the checked description of a site. Nothing here decides anything."""
