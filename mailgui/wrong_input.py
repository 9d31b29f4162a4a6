"""What a person typed cannot be used: that, and nothing else, is wrong usage on the command line.

Below all rooms, like ``resources``: any of them may raise it.
"""


class WrongInput(ValueError):
    """The text is one plain sentence that says what is wrong.

    A bare ValueError is no such sentence but a fault of MailGUI's own, and is not caught as one.
    """
