"""What the board runs after its start."""

import asyncio
import json

from shelf import Shelf

with open("config.json") as file:
    asyncio.run(Shelf(json.load(file)).run())
