"""The exported model beside the fitted one, on the same rows."""
