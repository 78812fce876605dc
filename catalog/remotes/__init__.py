"""Versions published to a folder or a bucket, and read there without git.

``layout``   where files lie over there        ``target``     what can be written to
``plan``     what is to be uploaded            ``publish``    upload, and make a version known
``site``     what is published at a URL        ``remote_tree`` the files of one version there
``known``    ``remotes.json``                  ``ria``        stores of datalad
``checked_files``  sizes and sums as recorded  ``fetching``   absent content from over there
"""
