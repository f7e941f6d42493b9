"""The storage account of an app under test: empty at first, its queues seen from outside."""

import base64
from dataclasses import dataclass, field

from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient


@dataclass
class Storage:
    """An account of the emulator's."""

    connection_string: str
    queues: QueueServiceClient = field(init=False)

    def __post_init__(self) -> None:
        self.queues = QueueServiceClient.from_connection_string(self.connection_string)

    @property
    def settings(self) -> dict[str, str]:
        """What an app needs to be told of it."""
        return {"AzureWebJobsStorage": self.connection_string}

    def put(self, queue: str, *bodies: str | bytes) -> None:
        """Put messages as the host reads them: in base64, or, given as bytes, as they are."""
        with self.queues.get_queue_client(queue) as client:
            if queue not in self.names:
                client.create_queue()
            for body in bodies:
                client.send_message(
                    base64.b64encode(body.encode()).decode() if isinstance(body, str) else body.decode()
                )

    def texts(self, queue: str) -> list[str]:
        """Return the messages that show themselves in a queue, as they are."""
        with self.queues.get_queue_client(queue) as client:
            return [message.content for message in client.peek_messages(32)] if queue in self.names else []

    def take(self, queue: str) -> list[str]:
        """Take the messages that show themselves out of a queue, as they are."""
        with self.queues.get_queue_client(queue) as client:
            taken = list(client.receive_messages(messages_per_page=32))
            for message in taken:
                client.delete_message(message)
            return [message.content for message in taken]

    def count(self, queue: str) -> int:
        """Count the messages of a queue, hidden ones too."""
        with self.queues.get_queue_client(queue) as client:
            return client.get_queue_properties().approximate_message_count or 0 if queue in self.names else 0

    @property
    def names(self) -> list[str]:
        return [str(queue.name) for queue in self.queues.list_queues()]

    def clear(self) -> None:
        """Leave nothing of what an earlier app left."""
        for name in self.names:
            self.queues.delete_queue(name)
        with TableServiceClient.from_connection_string(self.connection_string) as tables:
            for table in list(tables.list_tables()):
                tables.delete_table(table.name)
